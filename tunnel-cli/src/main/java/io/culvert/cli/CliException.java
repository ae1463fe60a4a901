package io.culvert.cli;

/** Ends the command with one line on standard error; the message holds no secret. */
final class CliException extends RuntimeException {
  private final int exitCode;

  private CliException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** Something on the command line, in the environment or in the file is wrong. */
  static CliException usage(String message) {
    return new CliException(ExitCodes.USAGE, message, null);
  }

  /** Something failed while the command ran. */
  static CliException failed(String message, Throwable cause) {
    return new CliException(ExitCodes.FAILED, message, cause);
  }

  /** An address could not be reached, or not be listened on. */
  static CliException unreachable(String message, Throwable cause) {
    return new CliException(ExitCodes.UNREACHABLE, message, cause);
  }

  /** The relay has refused, and trying again would not help. */
  static CliException refused(String message, Throwable cause) {
    return new CliException(ExitCodes.REFUSED, message, cause);
  }

  /** One of {@link ExitCodes}. */
  int exitCode() {
    return exitCode;
  }
}
