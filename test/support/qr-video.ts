import QRCode from 'qrcode';

const [width, height] = [640, 480];

/** Makes a video (YUV4MPEG2) of a QR code on a screen, for Chromium's fake camera. */
export function makeQrVideo(text: string): Buffer {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'M' });
  const module = Math.floor((height - 40) / (modules.size + 8));
  const left = Math.floor((width - module * modules.size) / 2);
  const top = Math.floor((height - module * modules.size) / 2);
  // The background is grey. The screen is white, with the quiet zone around the code.
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
