import sharp from 'sharp';
import { photoFile } from './service.ts';

/** A telephone's photo: large, lying on its side with a note to turn it, and with a note of where it was taken. */
export async function phonePhoto() {
  const buffer = await sharp(photoFile('chelsea'))
    .resize(3000, 2000, { fit: 'fill' })
    .rotate(-90)
    .withExif({ IFD0: { Make: 'Phone' }, IFD3: { GPSLatitude: '48/1 51/1 0/1', GPSLatitudeRef: 'N' } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 90 })
    .toBuffer();
  return { name: 'IMG 0001.jpg', mimeType: 'image/jpeg', buffer };
}
