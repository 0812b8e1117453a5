import type { Verdict } from './verdict-text.js';

interface Tone {
  readonly hertz: number;
  readonly atMs: number;
  readonly forMs: number;
}

const tones: Readonly<Record<Verdict['kind'], readonly Tone[]>> = {
  in: [{ hertz: 1320, atMs: 0, forMs: 140 }],
  out: [
    { hertz: 220, atMs: 0, forMs: 180 },
    { hertz: 220, atMs: 260, forMs: 180 },
  ],
  fault: [{ hertz: 330, atMs: 0, forMs: 400 }],
};

const vibrationPatterns: Readonly<Record<Verdict['kind'], readonly number[]>> = {
  in: [80],
  out: [200, 80, 200],
  fault: [400],
};

let audio: AudioContext | null = null;

/** Beeps and shakes, each kind in its own way, where the device can. Staff need not look for every ticket. */
export function signalVerdict(kind: Verdict['kind']): void {
  if ('vibrate' in navigator) navigator.vibrate([...vibrationPatterns[kind]]);
  if (!('AudioContext' in window)) return;
  audio ??= new AudioContext();
  // A page that nobody has touched yet may make no sound.
  if (audio.state === 'suspended') void audio.resume();
  for (const tone of tones[kind]) beep(audio, tone);
}

function beep(context: AudioContext, { hertz, atMs, forMs }: Tone): void {
  const [from, until] = [context.currentTime + atMs / 1000, context.currentTime + (atMs + forMs) / 1000];
  const oscillator = new OscillatorNode(context, { type: 'square', frequency: hertz });
  oscillator.connect(new GainNode(context, { gain: 0.15 })).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(until);
}
