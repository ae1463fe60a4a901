package io.culvert.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Instead of running, to print how something else is to run the command. */
@Command
final class GenerateOption {
  @Option(
      names = "--generate",
      paramLabel = "systemd",
      converter = Kinds.class,
      description = "Prints a systemd unit that runs this command, and ends.")
  Kind kind;

  /** In lower case, as documented. */
  static final class Kinds implements ITypeConverter<Kind> {
    @Override
    public Kind convert(String text) {
      if (text.equals("systemd")) {
        return Kind.SYSTEMD;
      }
      throw new TypeConversionException("expected systemd, but got " + text);
    }
  }

  /** What can be generated. */
  enum Kind {
    SYSTEMD
  }

  boolean wanted() {
    return kind != null;
  }
}
