/** Lets the browser save a file. @returns the text to announce */
export function saveFile(content: Blob, name: string): string {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // After a minute, the browser has read the file. If the URL were never revoked, the page would keep every saved file
  // in memory.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return `${name} was saved.`;
}
