package io.culvert.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Where the token that is shown to a relay comes from. It is never in a message. */
final class Token {
  /** What can be in an Authorization header as a bearer token (RFC 6750 section 2.1). */
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/-]{1,4096}=*");

  private Token() {}

  /** Finds the token of one run of a command. */
  static final class Source {
    private final CommandSpec command;
    private final Surroundings surroundings;

    Source(CommandSpec command, Surroundings surroundings) {
      this.command = command;
      this.surroundings = surroundings;
    }

    /**
     * The token; empty if there is none and nobody to ask.
     *
     * @param token what the option, the environment or the file of options say, or null
     * @param file the file that has it, or null
     * @param near whether the relay is on this machine, and so may well need none
     */
    Optional<String> find(String token, Path file, boolean near) {
      if (token != null && file != null) {
        throw CliException.usage("--token and --token-file are both given; keep one");
      }
      if (token != null) {
        warnIfVisible();
        return Optional.of(checked("--token", token));
      }
      if (file != null) {
        return Optional.of(checked("--token-file", firstLine(file)));
      }
      return near ? Optional.empty() : surroundings.terminal().flatMap(Token::ask);
    }

    private void warnIfVisible() {
      ParseResult parsed = command.commandLine().getParseResult();
      OptionSpec option = parsed == null ? null : parsed.matchedOption("--token");
      if (option != null) {
        surroundings
            .err()
            .println(
                command.qualifiedName()
                    + ": warning: others on this machine can see the token in the list of processes;"
                    + " use --token-file or CULVERT_TOKEN");
      }
    }
  }

  private static Optional<String> ask(Terminal terminal) {
    char[] typed = terminal.readSecret("Token of the relay (empty for none): ");
    return typed == null || typed.length == 0
        ? Optional.empty()
        : Optional.of(checked("the token", new String(typed)));
  }

  private static String firstLine(Path file) {
    OptionFiles.readable("--token-file", file);
    try (BufferedReader in = Files.newBufferedReader(file)) {
      String line = in.readLine();
      if (line == null || line.isBlank()) {
        throw CliException.usage("--token-file: the first line of " + file + " is empty");
      }
      return line.strip();
    } catch (IOException e) {
      throw CliException.usage("--token-file: cannot read " + file);
    }
  }

  private static String checked(String option, String token) {
    if (!FORM.matcher(token).matches()) {
      throw CliException.usage(
          option + ": this is no token: it has characters other than A-Z a-z 0-9 . _ ~ + / - =");
    }
    return token;
  }
}
