/** The posts of `npm start -- --demo`, the oldest first. Licences: photos/CREDITS.md. */
export type DemoPost = {
  user: string;
  title: string;
  /** What the photo shows, for who cannot see it. */
  alt: string;
  text: string;
  /** A JPEG. */
  photo: URL;
  by: string;
  licence: string;
};

const ours = (name: string) => new URL(`photos/${name}.jpg`, import.meta.url);
const ofTheTests = (name: string) => new URL(`../../test/photos/${name}.jpg`, import.meta.url);

const CC_BY = 'CC BY 4.0';
const CC0 = 'CC0';
const PUBLIC_DOMAIN = 'public domain';

export const POSTS: readonly DemoPost[] = [
  {
    user: 'grace',
    title: 'Hello from orbit',
    alt: 'An astronaut in an orange suit before a flag and a model of a space shuttle',
    text: 'Eileen Collins, the first woman to command a space shuttle.',
    photo: ofTheTests('astronaut'),
    by: 'NASA',
    licence: PUBLIC_DOMAIN,
  },
  {
    user: 'linus',
    title: 'Above the lake',
    alt: 'A pagoda of four floors above trees and a lake',
    text: 'Worth every step of the stairs.',
    photo: ours('pagoda'),
    by: 'danielbuechele',
    licence: 'CC BY 2.0',
  },
  {
    user: 'hedy',
    title: 'Blue hour',
    alt: 'The sun behind dark hills',
    text: 'Nothing but wind and the last of the sun.',
    photo: ours('sunset'),
    by: 'Aitzol Berasategi',
    licence: CC_BY,
  },
  {
    user: 'ada',
    title: 'Hold still',
    alt: 'A man in a coat behind a film camera on a tripod',
    text: 'It takes as long as it takes.',
    photo: ours('cameraman'),
    by: 'Lav Varshney',
    licence: CC0,
  },
  {
    user: 'grace',
    title: 'Ready to launch',
    alt: 'A white rocket between masts at dusk',
    text: 'A Falcon 9 before its launch, with DSCOVR on board.',
    photo: ours('rocket'),
    by: 'SpaceX',
    licence: PUBLIC_DOMAIN,
  },
  {
    user: 'alan',
    title: 'Before the concert',
    alt: 'A drum on a bag, behind it a table with a bottle and a glass of wine',
    text: 'One drum, one table, one bottle.',
    photo: ours('drum'),
    by: 'Jakub Mede',
    licence: CC_BY,
  },
  {
    user: 'linus',
    title: 'Picos de Europa',
    alt: 'A path over a meadow to mountains with snow',
    text: 'The path goes on behind the last stone.',
    photo: ours('path'),
    by: 'Aitzol Berasategi',
    licence: CC_BY,
  },
  {
    user: 'ada',
    title: 'Monday',
    alt: 'A cup of coffee with a spoon on a wooden table',
    text: 'Better with the first cup.',
    photo: ofTheTests('coffee'),
    by: 'Rachel Michetti',
    licence: CC0,
  },
  {
    user: 'hedy',
    title: 'Make a wish',
    alt: 'Dandelions before a low sun',
    text: 'A whole meadow of them.',
    photo: ours('dandelions'),
    by: 'Clemens Engelhardt',
    licence: CC0,
  },
  {
    user: 'alan',
    title: 'All the colours',
    alt: 'Paint brushes full of dried paint',
    text: 'None of them is clean.',
    photo: ours('brushes'),
    by: 'Trevor "Freespace"',
    licence: CC_BY,
  },
  {
    user: 'linus',
    title: 'The neighbours',
    alt: 'Two brown dogs looking out of a window',
    text: 'They know everybody who passes.',
    photo: ours('dogs'),
    by: 'Aitzol Berasategi',
    licence: CC_BY,
  },
  {
    user: 'ada',
    title: 'Chelsea',
    alt: 'The face of a tabby cat',
    text: 'She was not asked.',
    photo: ofTheTests('chelsea'),
    by: 'Stefan van der Walt',
    licence: CC0,
  },
];
