/*
 * Data of names.ts: letters that Unicode does not decompose into a plain one and a mark, each with what people write who do
 * not have it on their keyboard. All of them lower case, decomposed (NFKD). The Latin ones follow ICU's "Latin-ASCII".
 */
const pairs = (text: string): [string, string][] =>
  text.split(/\s+/).map((pair) => {
    const [letter = '', ...plain] = [...pair];
    return [letter, plain.join('')];
  });

const latin =
  'øo łl đd ðd ħh ŧt ŋn ıi ĸq ßss æae œoe þth əe ǝe ɓb ɗd ɖd ɛe ɔo ƙk ƴy ɣg ɲn ƒf ʋv ɩi ɨi ʉu ʊu ƶz ƀb ƚl ɫl ɍr ɇe ɉj ɏy ⱥa ⱦt ȼc ƈc ƥp ƭt ƹz ꞓc';
const greek = 'ςσ';
/** With hooks and strokes, as Kazakh, Tatar, Bashkir and Ukrainian have them. */
const cyrillic = 'ґг ғг қк ҡк ҝк ңн ҥн үу ұу өо ҩо һх ҳх әа җж ҙз ҫс ҷч ҹч ӏі';
/** Alef, ya, kaf, heh and their forms in Persian, Urdu and Kurdish; a hamza by itself and the tatweel are often left out. */
const arabic = 'ٱا ىي یي ےي ېي ێي کك ڪك ةه ەه ہه ھه ۃه ۆو ء ـ';
/** Persian and Indic digits, as a department or a ward has them. */
const digits = ['٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '๐', '໐', '༠', '၀', '០'].flatMap(
  (zero) =>
    Array.from({ length: 10 }, (_, digit): [string, string] => [
      String.fromCodePoint(zero.codePointAt(0)! + digit),
      `${digit}`,
    ]),
);

/** A letter → the plain ones that stand for it in words and in order. */
export const plainLetters: ReadonlyMap<string, string> = new Map([
  ...pairs(`${latin} ${greek} ${cyrillic} ${arabic}`),
  ...digits,
]);

/** A letter, composed → how it is spelled out by others: Müller is looked for as Mueller too, Søren as Soeren. */
export const spelledOut: ReadonlyMap<string, string> = new Map(
  pairs('äae öoe üue øoe åaa ŋng əa đdj þt ðth ñny'),
);
