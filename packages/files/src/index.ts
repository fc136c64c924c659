export { FileError, fileError, systemCode, type FileErrorCode } from './errors.ts';
export { homeFolder } from './home-folder.ts';
export { makeFolder } from './make-folder.ts';
export { RegularFile, readRegularFile, type ReadLimits } from './regular-file.ts';
export {
  replaceFile,
  targetOfTemporary,
  UnfinishedFile,
  writeNewFile,
  type FileContent,
  type OpenFile,
  type WriteOptions,
} from './replace-file.ts';
export { syncFolder } from './sync-folder.ts';
export { startWorkerFile, type WorkerFile } from './worker-file.ts';
