package io.culvert.cli;

import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where options may be too. */
@Command
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "YAML file with options of this command, one to a line without the dashes, such as"
              + " verbose: true. Default: none.")
  Path config;
}
