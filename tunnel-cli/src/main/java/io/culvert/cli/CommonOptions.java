package io.culvert.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of every command that goes on until it is ended. */
@Command
final class CommonOptions {
  @Option(
      names = "--log",
      paramLabel = "text|json",
      converter = LogFormats.class,
      description =
          "Writes log lines to standard output, as text or as one JSON object a line. Default: the"
              + " live screen of an agent on a terminal, else text.")
  LogFormat log;

  @Option(names = "--verbose", description = "Logs more, with the stack traces of what fails.")
  boolean verbose;

  /** In lower case, as documented. */
  static final class LogFormats implements ITypeConverter<LogFormat> {
    @Override
    public LogFormat convert(String text) {
      return switch (text) {
        case "text" -> LogFormat.TEXT;
        case "json" -> LogFormat.JSON;
        default -> throw new TypeConversionException("expected one of text, json, but got " + text);
      };
    }
  }

  /** What the log looks like. */
  enum LogFormat {
    TEXT,
    JSON
  }
}
