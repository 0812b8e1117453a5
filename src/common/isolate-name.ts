const rightToLeftLetter =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\u202a-\u202e]/u;

/**
 * Makes a name that runs from right to left safe to put into an English sentence. The name stands between the marks for
 * isolated text (Unicode Standard Annex 9), so it moves neither the words nor the numbers around it.
 */
export const isolateName = (name: string): string => (rightToLeftLetter.test(name) ? `\u2068${name}\u2069` : name);
