import { expect } from 'chai';
import fc from 'fast-check';
import { html, path, toText, type Content } from '../../src/lib/html.js';

describe('the template tag of the pages', () => {
  it('WEB-3: escapes text, in elements and in attributes', () => {
    const text = `<img src=x onerror="alert('1')">&amp;`;
    expect(toText(html`<a title="${text}">${text}</a>`)).equal(
      '<a title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;">' +
        '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;</a>',
    );
  });

  it('WEB-3: leaves markup of its own as it is, joins lists, and writes nothing for nothing', () => {
    const items = ['a', 'b<'].map((item) => html`<li>${item}</li>`);
    const page = html`<ul>
        ${items}
      </ul>
      ${null}${undefined}${false}${0}${[]}`;
    expect(toText(page).replace(/\s/g, '')).equal('<ul><li>a</li><li>b&lt;</li></ul>0');
  });

  it('WEB-3: takes no object for markup that it did not make', () => {
    const forged = JSON.parse('{"html":"<b>","text":"<b>","toString":"<b>"}') as Content;
    expect(() => html`${forged}`).to.throw(TypeError);
    expect(() => html`${structuredClone(html`<b></b>`)}`).to.throw(TypeError);
  });

  it('WEB-3: no text, whatever it holds, adds a tag, an attribute or an entity', () => {
    const signs = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '=',
      '/',
      ' ',
      '\n',
      '-',
      'a',
      '\0',
      'é',
      '😀',
    );
    const hostile = fc.oneof(
      fc.string(),
      fc.array(signs).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const page = toText(html`<p title="${one}" class="x">${[other, html`<b>${one}</b>`]}</p>`);
        const match = /^<p title="([^"<>]*)" class="x">([^<>]*)<b>([^<>]*)<\/b><\/p>$/.exec(page);
        const read = (text: string): string =>
          text.replace(
            /&(amp|lt|gt|quot|#39);/g,
            (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' })[entity] ?? "'",
          );
        expect(match?.slice(1).map(read)).deep.equal([one, other, one]);
      }),
      { numRuns: 500 },
    );
  });

  it('WEB-3: makes one segment of an address of any value', () => {
    expect(path`/book/doctors/${'../x?y#z&'}?day=${'a&b=c'}`).equal(
      '/book/doctors/..%2Fx%3Fy%23z%26?day=a%26b%3Dc',
    );
  });
});
