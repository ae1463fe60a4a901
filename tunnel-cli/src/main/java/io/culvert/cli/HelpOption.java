package io.culvert.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What each command has. */
@Command
final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this text.")
  boolean help;
}
