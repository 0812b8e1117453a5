/** The settings with secrets that operators choose. */
interface ChosenSecrets {
  readonly sessionSecrets: readonly string[] | null;
  readonly encryptionKeys: readonly string[] | null;
  readonly adminApiKey: string | null;
}

/** A secret with the name of its setting. */
interface NamedSecret {
  readonly setting: 'SESSION_SECRET' | 'ENCRYPTION_KEY' | 'ADMIN_API_KEY';
  readonly secret: string;
}

/** A random secret of 64 hexadecimal digits has fewer different characters once in 10¹² times. */
const differentCharactersMin = 10;

/** `ADMIN_API_KEY` may have only 16 characters, so fewer of them are different. */
const differentCharactersOfAdminKeyMin = 8;

/** Words of examples and of careless people. A random secret of 44 characters contains one of them once in 10⁵ times. */
const placeholder =
  /change.?(me|this|it)|replace.?(me|this|with)|secret|passw|example|placeholder|your[-_ ]|insecure|qwerty/i;

/** Text that a shell, a template or a person should have replaced. */
const unexpanded = /\$\([a-z]|\$\{\w|^\$\w+$|\{\{|[<‹][\p{L}\d][\p{L}\d _.-]*[>›]/iu;

/** Returns true if a text is one piece that is repeated. The last repetition may be incomplete. */
function isRepeated(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.startsWith(text.slice(length))) return true;
  }
  return false;
}

/** Returns true if most characters equal or follow their neighbour, as in `abcdefgh` and `11112222`. */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - (codes[index] ?? 0)) <= 1);
  return steps.length > text.length / 2;
}

/** Returns why a secret is easy to guess, or null if no reason is known. */
function weaknessOf({ setting, secret }: NamedSecret): string | null {
  const min = setting === 'ADMIN_API_KEY' ? differentCharactersOfAdminKeyMin : differentCharactersMin;
  if (unexpanded.test(secret)) return 'contains text that should have been replaced by a value';
  if (placeholder.test(secret)) return 'contains a word of an example, such as changeme or secret';
  if (new Set(secret).size < min) return `has fewer than ${min} different characters`;
  if (isRepeated(secret) || isSequence(secret)) return 'repeats the same characters, or counts up or down';
  return null;
}

/**
 * Finds secrets that an attacker can guess, and secrets that two settings share. Of `ENCRYPTION_KEY`, only the first key is
 * checked. The others only decrypt, so that a weak key can be replaced without losing what it encrypted.
 *
 * @returns one sentence per problem, which names the setting and never the secret
 */
export function findWeakSecrets({ sessionSecrets, encryptionKeys, adminApiKey }: ChosenSecrets): string[] {
  const secrets: NamedSecret[] = [
    ...(sessionSecrets ?? []).map((secret) => ({ setting: 'SESSION_SECRET' as const, secret })),
    ...(encryptionKeys ?? []).slice(0, 1).map((secret) => ({ setting: 'ENCRYPTION_KEY' as const, secret })),
    ...(adminApiKey === null ? [] : [{ setting: 'ADMIN_API_KEY' as const, secret: adminApiKey }]),
  ];
  const weak = secrets.flatMap((named) => {
    const weakness = weaknessOf(named);
    return weakness === null ? [] : [`${named.setting} ${weakness}`];
  });
  const shared = secrets.flatMap(({ setting, secret }) =>
    secrets.flatMap((other) =>
      other.secret === secret && other.setting < setting ? [`${setting} is the same as ${other.setting}`] : [],
    ),
  );
  return [...new Set([...weak, ...shared])];
}
