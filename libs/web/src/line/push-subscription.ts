import type { Usher } from '@usher/client';
import { PushSubscription as PushSubscriptionShape } from '@usher/contract';

const workerPath = '/push-worker.js';

/** State of push messages in this browser. `denied`: the user has forbidden notifications for this site. */
export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

/** Returns true if the browser supports push messages on this page. The page needs TLS. */
const isSupported = (): boolean =>
  'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window && window.isSecureContext;

/**
 * Returns the current state. If the browser already has a subscription, sends the subscription to the service again,
 * because the service may not know it.
 */
export async function readPushState({ push }: Usher): Promise<PushState> {
  if (!isSupported()) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const registration = await navigator.serviceWorker.getRegistration(workerPath);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return 'off';
  await push.subscribe(toJsonSubscription(subscription));
  return 'on';
}

/** Asks the user, subscribes the browser and informs the service. @throws if the browser or the service fails */
export async function startPush({ push }: Usher): Promise<PushState> {
  // This must be the first call, because browsers show the question only right after the user has pressed a button.
  if ((await Notification.requestPermission()) !== 'granted') {
    return Notification.permission === 'denied' ? 'denied' : 'off';
  }
  const applicationServerKey = decodeBase64Url(await push.key());
  await navigator.serviceWorker.register(workerPath);
  const { pushManager } = await navigator.serviceWorker.ready;
  const existing = await pushManager.getSubscription();
  // If the service has a new key, it cannot use a subscription with the old key.
  if (existing && !isSameKey(existing.options.applicationServerKey, applicationServerKey)) await existing.unsubscribe();
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  await push.subscribe(toJsonSubscription(subscription));
  return 'on';
}

/** Ends the subscription, both in the browser and at the service. */
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

function isSameKey(key: ArrayBuffer | null, other: Uint8Array): boolean {
  if (key === null) return false;
  const bytes = new Uint8Array(key);
  return bytes.length === other.length && bytes.every((byte, index) => byte === other[index]);
}
