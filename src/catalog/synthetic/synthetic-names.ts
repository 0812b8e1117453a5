/**
 * Words for the names of synthetic movies, people and cinemas. Some have accents or articles, and some are in scripts
 * that use no spaces.
 */
export const adjectives =
  'Silent Golden Broken Crimson Hidden Endless Frozen Burning Electric Savage Gentle Hollow Distant Midnight Velvet Iron Wild Quiet Lonely Bitter Paper Glass Silver Emerald Fallen Rising Sacred Stolen Restless Scarlet Ancient Reckless Infinite Shattered Luminous Forgotten Wandering Second Last First Northern Southern Invisible Perfect Ordinary Beautiful Dangerous Tender Secret Magnificent'.split(
    ' ',
  );

export const nouns =
  'Harbour Orchard Kingdom Empire Mirror River Mountain Garden Lantern Horizon Carnival Detective Astronaut Sparrow Wolf Tiger Symphony Waltz Letter Bridge Station Lighthouse Island Voyage Promise Shadow Summer Winter Autumn Storm Thunder Heart Stranger Widow Daughter Brother Captain Pilot Machine Algorithm Labyrinth Cathedral Vineyard Desert Ocean Comet Galaxy Protocol Heist Verdict Witness Prophecy Dragon Phantom Matador Balloon Umbrella Violin Piano Museum Library Avenue Boulevard Alchemist Magician Gladiator Samurai Cowboy Outlaw Sheriff Penguin Elephant Butterfly'.split(
    ' ',
  );

export const places =
  'Paris Lisbon Havana Kyoto Marrakesh Vienna Chicago Oslo Cairo Bombay Havre Málaga Łódź Zürich Reykjavík'.split(' ');

/** Titles in other languages. If a title is picked more than once, the later movies get a number after the title. */
export const foreignTitles: readonly (readonly [title: string, original: string, language: string])[] = [
  ['Amélie of the Rooftops', "Le Fabuleux Été d'Amélie", 'fr'],
  ['The Bicycle Repairman', 'Il Riparatore di Biciclette', 'it'],
  ['Día de Lluvia', 'Día de Lluvia', 'es'],
  ['Über den Dächern', 'Über den Dächern', 'de'],
  ['Sønn av Havet', 'Sønn av Havet', 'no'],
  ['Coração de Açúcar', 'Coração de Açúcar', 'pt'],
  ['Pociąg do Łodzi', 'Pociąg do Łodzi', 'pl'],
  ['The Night Conductor', 'Ночной кондуктор', 'ru'],
  ['The Sea of Glass', 'Η θάλασσα από γυαλί', 'el'],
  ['The Fox and the Lantern', '狐と灯籠の夜', 'ja'],
  ['Seven Evenings', '七つの夕べ', 'ja'],
  ['The Moon over the Canal', '运河上的月亮', 'zh'],
  ['The Paper Emperor', '纸皇帝', 'zh'],
  ['The Last Bus from Busan', '부산행 마지막 버스', 'ko'],
  ['Monsoon Letters', 'बारिश की चिट्ठियाँ', 'hi'],
  ['The Weaver', 'ช่างทอผ้า', 'th'],
];

export const firstNames =
  'Ana Ben Carla David Elena Felix Grace Hugo Ingrid Jonas Keiko Liam María Noah Olga Pedro Quentin Rosa Sören Tilda Uma Victor Wei Ximena Yusuf Zoë Amara Bogdan Chloé Dmitri'.split(
    ' ',
  );

export const lastNames =
  "Almeida Brandt Castillo Dubois Eriksson Fontaine García Hoffmann Ivanova Jørgensen Kowalski Larsen Moreau Nakamura O'Connor Petrov Quist Rossi Schneider Takahashi Ueda Vasquez Weber Xu Yamamoto Zimmermann Bakshi Okafor Lindqvist Nguyen".split(
    ' ',
  );

export const genres = [
  'Action',
  'Adventure',
  'Animation',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Family',
  'Horror',
  'Musical',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'Western',
];

export const cinemaNames =
  'Rex Odeon Majestic Orpheum Palace Grand Lyric Apollo Astor Regent Bijou Capitol Roxy Gaumont Electric Rialto'.split(
    ' ',
  );

export const streets = 'Main High Church Market Station Park River Hill Mill King Queen Bridge Garden School'.split(
  ' ',
);
