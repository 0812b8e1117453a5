import QRCode from 'qrcode';

const [width, height] = [640, 480];

/** What a camera sees of a code on a screen that is held before it: a video (YUV4MPEG2) for Chromium's fake camera. */
export function makeQrVideo(text: string): Buffer {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const module = Math.floor((height - 40) / (modules.size + 8));
  const left = Math.floor((width - module * modules.size) / 2);
  const top = Math.floor((height - module * modules.size) / 2);
  // A grey room, and a white screen with the code's quiet zone round it.
  const luma = Buffer.alloc(width * height, 90);
  const fill = (x: number, y: number, size: number, value: number): void => {
    for (let row = y; row < y + size; row++) luma.fill(value, row * width + x, row * width + x + size);
  };
  fill(left - 4 * module, top - 4 * module, module * (modules.size + 8), 225);
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column) !== 0) fill(left + column * module, top + row * module, module, 25);
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((width * height) / 2, 128)]);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  return Buffer.concat([header, frame, frame]);
}
