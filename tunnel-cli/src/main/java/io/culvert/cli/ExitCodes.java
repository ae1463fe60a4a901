package io.culvert.cli;

/** What the command's exit status means; the page is docs/cli.md. */
final class ExitCodes {
  /** Did what it was asked to. */
  static final int OK = 0;

  /** Something failed while it ran. */
  static final int FAILED = 1;

  /** The command line, the environment or the file is wrong. */
  static final int USAGE = 2;

  /** An address could not be reached, or not be listened on. */
  static final int UNREACHABLE = 3;

  /** The relay has refused the token or the name, and trying again would not help. */
  static final int REFUSED = 4;

  /** SIGINT, as shells report it. */
  static final int INTERRUPTED = 130;

  /** SIGTERM, as shells report it. */
  static final int TERMINATED = 143;

  private ExitCodes() {}
}
