/** What a figure is: a file, words instead of it, and words below it. */

export interface Figure {
  /** Where the report puts it, for example `training-curves`; unique in a report. */
  readonly id: string;
  /** Name inside the folder `figures`, for example `training-curves.svg`. */
  readonly file: string;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
  /** Below the figure, as Markdown: what is drawn, with n, engine and seed; empty where the table around it says so. */
  readonly caption: string;
  /** SVG as text, PNG as bytes. */
  readonly content: string | Uint8Array;
}
