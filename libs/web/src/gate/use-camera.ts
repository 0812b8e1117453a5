import { BarcodeDetector as QrDetector } from 'qr/decode.js';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** `off`: not asked for. `denied`: the user, or the browser on a page without TLS, does not allow it. */
export type CameraState = 'off' | 'starting' | 'on' | 'denied' | 'missing';

/** What is needed of the browser's own detector, which not every browser has. */
interface QrCodeDetector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

/** A ticket's code has some 70 dots a side: fewer pixels read it from near only. */
const cameraConstraints: MediaTrackConstraints = {
  facingMode: 'environment',
  width: { ideal: 1280 },
  height: { ideal: 720 },
};

/** Pause between two looks: a code is seen at once and the device stays cool. */
const detectIntervalMs = 120;

/** A code that was out of sight for so long is a new one when it comes back. */
const repeatCodeAfterMs = 2000;

/**
 * Looks for QR codes through the camera while `isWanted`.
 *
 * @param onCode told of each code once, until it was out of sight for a while or `again` was called
 */
export function useCamera(
  video: RefObject<HTMLVideoElement | null>,
  isWanted: boolean,
  onCode: (code: string) => void,
): { readonly state: CameraState; readonly again: () => void } {
  const [state, setState] = useState<CameraState>('starting');
  const last = useRef<{ code: string; seenAt: number } | null>(null);
  const tell = useRef(onCode);
  useEffect(() => {
    tell.current = onCode;
  }, [onCode]);

  useEffect(() => {
    if (!isWanted) return undefined;
    const ending = new AbortController();
    const see = (code: string): void => {
      const isNew = last.current?.code !== code || performance.now() - last.current.seenAt > repeatCodeAfterMs;
      last.current = { code, seenAt: performance.now() };
      if (isNew) tell.current(code);
    };
    void scanVideo(video.current, see, ending.signal, setState);
    return () => {
      ending.abort();
      setState('starting');
    };
  }, [video, isWanted]);

  return {
    state: isWanted ? state : 'off',
    again: () => {
      last.current = null;
    },
  };
}

async function scanVideo(
  video: HTMLVideoElement | null,
  see: (code: string) => void,
  ended: AbortSignal,
  tell: (state: CameraState) => void,
): Promise<void> {
  const opened = await openCamera();
  if (ended.aborted || !video || !(opened instanceof MediaStream)) {
    if (opened instanceof MediaStream) stopStream(opened);
    else if (!ended.aborted) tell(opened);
    return;
  }
  ended.addEventListener('abort', () => stopStream(opened));
  video.srcObject = opened;
  try {
    await video.play();
    tell('on');
    await keepScreenOn(ended);
    const detector = await createDetector();
    while (!ended.aborted) {
      const [found] = await detector.detect(video);
      if (found && !ended.aborted) see(found.rawValue);
      await new Promise((resolve) => setTimeout(resolve, detectIntervalMs));
    }
  } catch {
    // The page left, or the camera was taken away.
    if (!ended.aborted) tell('missing');
  }
}

/** Keeps the screen on, where the browser can: nobody touches it while codes are read. */
async function keepScreenOn(ended: AbortSignal): Promise<void> {
  if (!('wakeLock' in navigator)) return;
  const lock = await navigator.wakeLock.request('screen').catch(() => null);
  ended.addEventListener('abort', () => void lock?.release());
}

const stopStream = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

async function openCamera(): Promise<MediaStream | 'denied' | 'missing'> {
  // Pages that came in the clear have no such thing at all.
  if (!('mediaDevices' in navigator)) return 'denied';
  try {
    return await navigator.mediaDevices.getUserMedia({ video: cameraConstraints, audio: false });
  } catch (error) {
    return error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing';
  }
}

/** The browser's own where it reads QR codes, else one in JavaScript. */
async function createDetector(): Promise<QrCodeDetector> {
  const Native = (globalThis as { BarcodeDetector?: typeof QrDetector }).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  const Detector = Native && formats.includes('qr_code') ? Native : QrDetector;
  return new Detector({ formats: ['qr_code'] });
}
