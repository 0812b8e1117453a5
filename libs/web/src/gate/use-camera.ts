import { BarcodeDetector as QrDetector } from 'qr/decode.js';
import { type RefObject, useEffect, useRef, useState } from 'react';

/**
 * `off`: the camera is not wanted. `denied`: the user does not allow the camera, or the page came without TLS.
 * `missing`: no camera was found, or it failed.
 */
export type CameraState = 'off' | 'starting' | 'on' | 'denied' | 'missing';

declare global {
  /** The browser's own detector. TypeScript does not know it, because not every browser has it. */
  var BarcodeDetector: typeof QrDetector | undefined;
}

/** The part of the browser's own detector that this file needs. Not every browser has a detector. */
interface QrCodeDetector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

/** A ticket code has about 70 modules per side, so a camera with fewer pixels must be very close to it. */
const cameraConstraints: MediaTrackConstraints = {
  facingMode: 'environment',
  width: { ideal: 1280 },
  height: { ideal: 720 },
};

/**
 * Pause between two detections. It is so short that staff do not notice it, and long enough to keep the device cool.
 */
const detectIntervalMs = 120;

/** A code that was out of sight for this long counts as a new code when it returns. */
const repeatCodeAfterMs = 2000;

/**
 * Detects QR codes with the camera while `isWanted` is true.
 *
 * @param onCode called once per code. It is called again for the same code only after the code was out of sight for a
 *   while, or after `allowRepeat` was called
 */
export function useCamera(
  video: RefObject<HTMLVideoElement | null>,
  isWanted: boolean,
  onCode: (code: string) => void,
): { readonly state: CameraState; readonly allowRepeat: () => void } {
  const [state, setState] = useState<CameraState>('starting');
  const last = useRef<{ code: string; seenAt: number } | null>(null);
  const currentOnCode = useRef(onCode);
  useEffect(() => {
    currentOnCode.current = onCode;
  }, [onCode]);

  useEffect(() => {
    if (!isWanted) return undefined;
    const abort = new AbortController();
    const onDetected = (code: string): void => {
      const isNew = last.current?.code !== code || performance.now() - last.current.seenAt > repeatCodeAfterMs;
      last.current = { code, seenAt: performance.now() };
      if (isNew) currentOnCode.current(code);
    };
    void scanVideo(video.current, onDetected, abort.signal, setState);
    return () => {
      abort.abort();
      setState('starting');
    };
  }, [video, isWanted]);

  return {
    state: isWanted ? state : 'off',
    allowRepeat: () => {
      last.current = null;
    },
  };
}

async function scanVideo(
  video: HTMLVideoElement | null,
  onDetected: (code: string) => void,
  signal: AbortSignal,
  onState: (state: CameraState) => void,
): Promise<void> {
  const camera = await openCamera();
  if (signal.aborted || !video || !(camera instanceof MediaStream)) {
    if (camera instanceof MediaStream) stopStream(camera);
    else if (!signal.aborted) onState(camera);
    return;
  }
  signal.addEventListener('abort', () => stopStream(camera));
  video.srcObject = camera;
  try {
    await video.play();
    onState('on');
    await keepScreenOn(signal);
    const detector = await createDetector();
    while (!signal.aborted) {
      const [detected] = await detector.detect(video);
      if (detected && !signal.aborted) onDetected(detected.rawValue);
      await new Promise((resolve) => setTimeout(resolve, detectIntervalMs));
    }
  } catch {
    // The user left the page, or the camera was disconnected.
    if (!signal.aborted) onState('missing');
  }
}

/** Keeps the screen on if the browser supports this, because staff do not touch the screen while they scan. */
async function keepScreenOn(signal: AbortSignal): Promise<void> {
  if (!('wakeLock' in navigator)) return;
  const lock = await navigator.wakeLock.request('screen').catch(() => null);
  signal.addEventListener('abort', () => void lock?.release());
}

const stopStream = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

async function openCamera(): Promise<MediaStream | 'denied' | 'missing'> {
  // Browsers remove this object from pages without TLS.
  if (!('mediaDevices' in navigator)) return 'denied';
  try {
    return await navigator.mediaDevices.getUserMedia({ video: cameraConstraints, audio: false });
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing';
  }
}

/**
 * Creates the browser's own detector if it can read QR codes. Otherwise, creates a detector that is written in
 * JavaScript.
 */
async function createDetector(): Promise<QrCodeDetector> {
  const Native = globalThis.BarcodeDetector;
  const formats = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  const Detector = Native && formats.includes('qr_code') ? Native : QrDetector;
  return new Detector({ formats: ['qr_code'] });
}
