import type { Usher } from '@usher/client';
import { PushSubscription as PushSubscriptionShape } from '@usher/contract';

const workerPath = '/push-worker.js';

/** Whether pushes reach this browser. `denied`: its user has forbidden notifications for this site. */
export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

/** Whether the browser can be told anything while the page is closed. Only pages served over TLS may ask for it. */
const isSupported = (): boolean =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window && window.isSecureContext;

/** How it stands now. A subscription that the browser has already is named to the service again: it may not know it. */
export async function readPushState({ push }: Usher): Promise<PushState> {
  if (!isSupported()) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const registration = await navigator.serviceWorker.getRegistration(workerPath);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return 'off';
  await push.subscribe(toJsonSubscription(subscription));
  return 'on';
}

/** Asks the user, subscribes the browser and tells the service. @throws when the browser or the service cannot */
export async function startPush({ push }: Usher): Promise<PushState> {
  // First of all, while the press of the button still counts as the reason to ask.
  if ((await Notification.requestPermission()) !== 'granted') {
    return Notification.permission === 'denied' ? 'denied' : 'off';
  }
  const applicationServerKey = decodeBase64Url(await push.key());
  await navigator.serviceWorker.register(workerPath);
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  // Made with another key, nothing could be pushed to it: the service was set up anew.
  if (before && !isSameKey(before.options.applicationServerKey, applicationServerKey)) await before.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await push.subscribe(toJsonSubscription(subscription));
  return 'on';
}

/** Ends the browser's subscription, here and at the service. */
export async function stopPush({ push }: Usher): Promise<PushState> {
  const registration = await navigator.serviceWorker.getRegistration(workerPath);
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) {
    await push.unsubscribe(toJsonSubscription(subscription));
    await subscription.unsubscribe();
  }
  return 'off';
}

const toJsonSubscription = (subscription: PushSubscription): PushSubscriptionShape =>
  PushSubscriptionShape.parse(subscription.toJSON());

function decodeBase64Url(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function isSameKey(one: ArrayBuffer | null, other: Uint8Array): boolean {
  if (one === null) return false;
  const bytes = new Uint8Array(one);
  return bytes.length === other.length && bytes.every((byte, at) => byte === other[at]);
}
