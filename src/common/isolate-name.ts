const rightToLeftLetter =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\u202a-\u202e]/u;

/**
 * Makes a right-to-left name safe inside an English sentence. The function puts the name between the marks for isolated
 * text (Unicode Standard Annex 9), so that the name does not reorder the words and numbers around it.
 */
export const isolateName = (name: string): string => (rightToLeftLetter.test(name) ? `\u2068${name}\u2069` : name);
