/** The last sentence of every error that ends a read of the directory. @param consequence what follows from it */
export const incomplete = (consequence: string): string => `The read of the source is incomplete; ${consequence}.`;
