/**
 * Returns the form of a mail address under which its calls are counted. It ignores letter case and the tag after a plus,
 * because most mail servers deliver all these forms to the same mailbox.
 */
export function normalizedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [mailbox = ''] = address.slice(0, at).split('+');
  return `${mailbox}${address.slice(at)}`.toLowerCase();
}
