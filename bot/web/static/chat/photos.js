// Photos before they leave the phone: the right kind, and not larger than needed.

import { Failure } from "./api.js";
import { words } from "./page.js";

const READABLE = [
  "image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp",
  "image/heic", "image/heif", "image/avif",
];
const MOST = 12 * 1024 * 1024;
const SMALL_ENOUGH = 5 * 1024 * 1024; // codes are read best from the untouched photo
const LONG_SIDE = 3000; // pixels

export async function prepare(file) {
  if (!file.type.startsWith("image/")) throw new Failure(415, words.not_a_photo);
  if (READABLE.includes(file.type) && file.size <= SMALL_ENOUGH) return file;
  const smaller = await redraw(file).catch(() => null);
  if (smaller && smaller.size <= MOST) return smaller;
  if (!READABLE.includes(file.type)) throw new Failure(415, words.not_a_photo);
  if (file.size > MOST) throw new Failure(413, words.photo_too_large);
  return file;
}

async function redraw(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}
