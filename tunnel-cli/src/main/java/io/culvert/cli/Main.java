package io.culvert.cli;

/** The {@code culvert} command. */
public final class Main {
  private Main() {}

  /** Runs the command and ends the process with one of {@link ExitCodes}. */
  public static void main(String[] args) {
    System.exit(new Cli(Surroundings.ofProcess(), new LiveServices()).run(args));
  }
}
