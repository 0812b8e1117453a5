import type { Verdict } from './verdict-text.js';

interface Tone {
  readonly frequencyHz: number;
  readonly startMs: number;
  readonly durationMs: number;
}

const tones: Readonly<Record<Verdict['kind'], readonly Tone[]>> = {
  in: [{ frequencyHz: 1320, startMs: 0, durationMs: 140 }],
  out: [
    { frequencyHz: 220, startMs: 0, durationMs: 180 },
    { frequencyHz: 220, startMs: 260, durationMs: 180 },
  ],
  fault: [{ frequencyHz: 330, startMs: 0, durationMs: 400 }],
};

const vibrationPatterns: Readonly<Record<Verdict['kind'], readonly number[]>> = {
  in: [80],
  out: [200, 80, 200],
  fault: [400],
};

let audio: AudioContext | null = null;

/** Beeps and vibrates, so that staff need not look at the screen for every ticket. Each kind of answer has its own pattern. */
export function signalVerdict(kind: Verdict['kind']): void {
  if ('vibrate' in navigator) navigator.vibrate([...vibrationPatterns[kind]]);
  if (!('AudioContext' in window)) return;
  audio ??= new AudioContext();
  // Browsers start audio in the suspended state until the user has touched the page.
  if (audio.state === 'suspended') void audio.resume();
  for (const tone of tones[kind]) beep(audio, tone);
}

function beep(context: AudioContext, { frequencyHz, startMs, durationMs }: Tone): void {
  const startsAt = context.currentTime + startMs / 1000;
  const oscillator = new OscillatorNode(context, { type: 'square', frequency: frequencyHz });
  oscillator.connect(new GainNode(context, { gain: 0.15 })).connect(context.destination);
  oscillator.start(startsAt);
  oscillator.stop(startsAt + durationMs / 1000);
}
