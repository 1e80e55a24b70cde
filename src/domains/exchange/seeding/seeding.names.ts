/** Names as they are written: several scripts, accents, apostrophes, hyphens. Any likeness is chance. */
interface Names {
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly family: readonly string[];
}

export const names: readonly Names[] = [
  {
    female: ['Emma', 'Olivia', 'Charlotte', 'Grace', 'Hannah', 'Ruth', 'Evelyn', 'Nora', 'Abigail', 'Siân'],
    male: ['James', 'Oliver', 'Henry', 'Samuel', 'George', 'Arthur', 'Owen', 'Liam', 'Theodore', 'Rhys'],
    family: ['Smith', 'Taylor', 'Wilson', 'Walker', 'Hughes', "O'Brien", 'MacDonald', 'Clarke', 'Ward', 'Reed'],
  },
  {
    female: ['María', 'Lucía', 'Sofía', 'Inés', 'Begoña', 'Ximena', 'Conceição', 'Júlia', 'Camila', 'Rocío'],
    male: ['José', 'Andrés', 'Iñaki', 'Jesús', 'Raúl', 'Héctor', 'João', 'Tomás', 'Mateo', 'Ramón'],
    family: ['García', 'Muñoz', 'Ibáñez', 'Peña', 'Gonçalves', 'Simões', 'Fernández', 'Núñez', 'López', 'Araújo'],
  },
  {
    female: ['Zoë', 'Élise', 'Chloé', 'Jürgine', 'Käthe', 'Anaïs', 'Åsa', 'Gülşen', 'Żaneta', 'Šárka'],
    male: ['Jürgen', 'François', 'Søren', 'Łukasz', 'Jiří', 'Émile', 'Günther', 'Bjørn', 'Çağrı', 'Ștefan'],
    family: ['Müller', 'Lefèvre', 'Sørensen', 'Wójcik', 'Dvořák', 'Groß', 'Yılmaz', 'Ionescu', 'Åkesson', 'Saint-Exupéry'],
  },
  {
    female: ['Анна', 'Мария', 'Елена', 'Ольга', 'Оксана', 'Юлія', 'Светлана', 'Ирина'],
    male: ['Иван', 'Алексей', 'Дмитрий', 'Олег', 'Тарас', 'Сергей', 'Андрій', 'Фёдор'],
    family: ['Коваленко', 'Шевченко', 'Бондар', 'Мельник', 'Ткач', 'Сорока', 'Гончар', 'Литвин'],
  },
  {
    female: ['秀英', '静', '丽', '敏', '芳', '美玲', '雪', '婷'],
    male: ['伟', '磊', '强', '军', '洋', '勇', '杰', '浩然'],
    family: ['王', '李', '张', '刘', '陈', '杨', '黄', '欧阳'],
  },
  {
    female: ['فاطمة', 'مريم', 'عائشة', 'ليلى', 'نور', 'سلمى'],
    male: ['محمد', 'أحمد', 'علي', 'يوسف', 'خالد', 'عمر'],
    family: ['الحسن', 'حداد', 'نجار', 'منصور', 'خوري', 'صالح'],
  },
  {
    female: ['अनन्या', 'प्रिया', 'सीता', 'मीरा', 'लक्ष्मी', 'काव्या'],
    male: ['अर्जुन', 'राहुल', 'विकास', 'रोहन', 'सूर्य', 'कृष्ण'],
    family: ['शर्मा', 'पटेल', 'गुप्ता', 'नायर', 'यादव', 'वर्मा'],
  },
  {
    female: ['Nguyệt', 'Thảo', 'Hương', '서연', '지우', 'さくら', '陽菜', 'Ελένη'],
    male: ['Đức', 'Quốc', 'Tuấn', '민준', '도윤', '大翔', '蓮', 'Γιώργος'],
    family: ['Nguyễn', 'Trần', 'Đặng', '김', '박', '佐藤', '鈴木', 'Παπαδόπουλος'],
  },
]; // prettier-ignore

export const streets = [
  'Elm Street',
  'Mill Lane',
  'Station Road',
  'Rue de l’Église',
  'Harbour View',
  'Oak Avenue',
];
