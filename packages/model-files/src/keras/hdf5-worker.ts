/** The thread in which libhdf5 runs: bytes in and plain data out, or the other way round. Started by hdf5-thread.ts. */
import { parentPort } from 'node:worker_threads';
import h5wasm from 'h5wasm';
import type { FromThread, ToThread } from './keras-file.ts';
import { readKerasFile, Refusal } from './read-hdf5.ts';
import { writeKerasFile } from './write-hdf5.ts';

const library = await h5wasm.ready;
const { FS } = library;
// Else libhdf5 prints, and hands on what happened to be in memory.
library.activate_throwing_error_handler();
let count = 0;

function answer(message: ToThread): FromThread {
  const path = `/${count++}.h5`;
  try {
    if (message.kind === 'write') {
      const file = new h5wasm.File(path, 'w');
      writeKerasFile(file, message.file);
      file.close();
      return { kind: 'bytes', bytes: new Uint8Array(FS.readFile(path)) };
    }
    FS.writeFile(path, message.bytes);
    const file = new h5wasm.File(path, 'r');
    if (file.file_id < 0n) throw new Refusal('corrupt', 'is no whole HDF5 file');
    const read = readKerasFile(file, message.limits);
    file.close();
    return { kind: 'file', file: read };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', code: error.code, why: error.message };
    if (message.kind === 'write') throw error;
    return { kind: 'refused', code: 'corrupt', why: 'is damaged: libhdf5 cannot read it' };
  } finally {
    FS.unlink(path);
  }
}

parentPort?.on('message', (message: ToThread) => {
  parentPort?.postMessage(answer(message));
});
