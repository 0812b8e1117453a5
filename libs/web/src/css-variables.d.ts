import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Custom properties of styles.css that a component sets. */
    [variable: `--${string}`]: string | number | undefined;
  }
}
