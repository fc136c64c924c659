/** The id under which this project itself stands in a record. */
export const OURS = 'fashion-bench';
