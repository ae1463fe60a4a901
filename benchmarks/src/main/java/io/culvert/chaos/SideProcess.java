package io.culvert.chaos;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** The process of a {@link RemoteSide}. */
final class SideProcess {
  static final String PORT = "port";
  static final String GO = "go";
  static final String REPORT = "report";
  static final String SAMPLE = "sample";
  static final String MIGRATE = "migrate";
  static final String THREADS = "threads";

  static final String END_OF_ANSWER = ".";
  static final String DETACHED = "event detached";
  static final String RESUMED = "event resumed";
  static final String ENDED = "event ended ";

  /** Each line is printed by one call, so that events and answers do not mix within a line. */
  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  private SideProcess() {}

  static List<String> arguments(Role role, Amounts amounts, long seed, int port) {
    return Stream.of(
            role.name(),
            port,
            seed,
            amounts.posts(),
            amounts.mib(),
            amounts.messages(),
            amounts.events(),
            amounts.seconds())
        .map(String::valueOf)
        .toList();
  }

  public static void main(String[] arguments) throws IOException {
    int[] numbers = Stream.of(arguments).skip(3).mapToInt(Integer::parseInt).toArray();
    Amounts amounts = new Amounts(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    int port = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    LocalSide side =
        LocalSide.start(Role.valueOf(arguments[0]), amounts, seed, port, new Printing());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command = in.readLine(); command != null; command = in.readLine()) {
      obey(side, command);
      say(END_OF_ANSWER);
    }
    // The parent wants no more, or is no more.
    Runtime.getRuntime().halt(0);
  }

  private static void obey(LocalSide side, String command) throws IOException {
    switch (command) {
      case PORT -> say(String.valueOf(side.port()));
      case GO -> side.go();
      case REPORT -> side.report().lines().forEach(SideProcess::say);
      case SAMPLE -> say(side.sample().line());
      case MIGRATE -> side.migrate();
      case THREADS -> say(side.threads());
      default -> throw new IllegalArgumentException("no such command: " + command);
    }
  }

  private static void say(String line) {
    synchronized (OUT) {
      OUT.println(line);
    }
  }

  private static final class Printing implements Side.Listener {
    @Override
    public void detached() {
      say(DETACHED);
    }

    @Override
    public void resumed() {
      say(RESUMED);
    }

    @Override
    public void ended(String why) {
      say(ENDED + why.replace('\n', ' '));
    }
  }
}
