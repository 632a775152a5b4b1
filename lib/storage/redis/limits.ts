/** How long Redis is waited for, in milliseconds. They stand in an object so that a test can make them shorter. */
export const LIMITS = {
  /** For the answer to a command on a client of the user's. */
  answerMs: 5000,
  /** For a connection of our own to come about, with all that the server is told first, and its first answer. */
  connectMs: 2000,
  /** Between two looks whether the server still answers on a connection of our own. */
  pingMs: 1000,
};
