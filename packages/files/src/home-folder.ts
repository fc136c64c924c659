import { homedir } from 'node:os';

/** The user's home folder; null for a user who has none (no HOME, no entry in the password file), as in many containers. */
export function homeFolder(): string | null {
  try {
    return homedir() || null;
  } catch {
    return null;
  }
}
