/** The 80 classes of COCO by number, named as Rekognition writes labels; the data set left the missing numbers out. */
const names: [first: number, names: string][] = [
  [1, 'Person|Bicycle|Car|Motorcycle|Airplane|Bus|Train|Truck|Boat|Traffic Light|Fire Hydrant'],
  [13, 'Stop Sign|Parking Meter|Bench|Bird|Cat|Dog|Horse|Sheep|Cow|Elephant|Bear|Zebra|Giraffe'],
  [27, 'Backpack|Umbrella'],
  [31, 'Handbag|Tie|Suitcase|Frisbee|Skis|Snowboard|Sports Ball|Kite|Baseball Bat|Baseball Glove|Skateboard'],
  [42, 'Surfboard|Tennis Racket|Bottle'],
  [46, 'Wine Glass|Cup|Fork|Knife|Spoon|Bowl|Banana|Apple|Sandwich|Orange|Broccoli|Carrot|Hot Dog|Pizza'],
  [60, 'Donut|Cake|Chair|Couch|Potted Plant|Bed'],
  [67, 'Dining Table'],
  [70, 'Toilet'],
  [72, 'Tv|Laptop|Mouse|Remote Control|Keyboard|Cell Phone|Microwave|Oven|Toaster|Sink|Refrigerator'],
  [84, 'Book|Clock|Vase|Scissors|Teddy Bear|Hair Dryer|Toothbrush'],
];

export const cocoClasses: ReadonlyMap<number, string> = new Map(
  names.flatMap(([first, list]) => list.split('|').map((name, index) => [first + index, name] as const)),
);
