/** Has the browser save a file. @returns what to say of it */
export function saveFile(content: Blob, name: string): string {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken it by then; kept longer, the page would hold every file that was saved.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return `${name} was saved.`;
}
