package io.culvert.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run of the command inside the test, with services that only keep what they were given. */
final class Run implements Services {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final int status;

  /** What the services were given, in order. */
  final List<Object> settings = new ArrayList<>();

  private Run(Map<String, String> environment, Optional<Terminal> terminal, String... args) {
    Surroundings surroundings =
        new Surroundings(
            environment, new PrintWriter(out, true), new PrintWriter(err, true), terminal);
    status = new Cli(surroundings, this).run(args);
  }

  /** Runs the command with no environment and no terminal. */
  static Run of(String... args) {
    return new Run(Map.of(), Optional.empty(), args);
  }

  /** Runs the command in an environment. */
  static Run in(Map<String, String> environment, String... args) {
    return new Run(environment, Optional.empty(), args);
  }

  /** Runs the command on a terminal where a person types this. */
  static Run typing(String secret, String... args) {
    return new Run(Map.of(), Optional.of(new TypedSecret(secret)), args);
  }

  int status() {
    return status;
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }

  @Override
  public int relay(RelaySettings given) {
    settings.add(given);
    return ExitCodes.OK;
  }

  @Override
  public int agent(AgentSettings given, Optional<Terminal> screen) {
    settings.add(given);
    return ExitCodes.OK;
  }

  @Override
  public int connect(DialSettings given, InetSocketAddress listen) {
    settings.add(given);
    settings.add(listen);
    return ExitCodes.OK;
  }

  private record TypedSecret(String secret) implements Terminal {
    @Override
    public char[] readSecret(String prompt) {
      return secret.toCharArray();
    }

    @Override
    public Size size() {
      return Size.USUAL;
    }

    @Override
    public PrintWriter writer() {
      return new PrintWriter(new StringWriter());
    }
  }
}
