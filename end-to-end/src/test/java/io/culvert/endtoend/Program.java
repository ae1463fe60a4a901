package io.culvert.endtoend;

import io.culvert.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process of a test, and what it has printed: standard output and error, the last 10,000 lines.
 * Closing it asks it to end, and after a while makes it.
 */
final class Program implements AutoCloseable {
  private static final int LINES = 10_000;
  private static final Duration END = Duration.ofSeconds(15);

  private final String name;
  private final Process process;
  private final Thread reader;

  /** Guarded by itself. */
  private final Deque<String> lines = new ArrayDeque<>();

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    reader = new Thread(this::read, "output-of-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  static Program start(String name, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("CULVERT_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return new Program(name, process);
  }

  static Program start(String name, String... command) throws IOException {
    return start(name, Map.of(), List.of(command));
  }

  /** The culvert command, on this JVM's Java. */
  static Program culvert(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.culvert.cli.Main");
    command.addAll(Arrays.asList(arguments));
    return start(arguments[0], environment, command);
  }

  /** Whether a program of this name is on the path. */
  static boolean installed(String program) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        synchronized (lines) {
          if (lines.size() == LINES) {
            lines.removeFirst();
          }
          lines.addLast(line);
        }
      }
    } catch (IOException e) {
      // The process was killed while a line was read.
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  String output() {
    return String.join("\n", lines());
  }

  /** The first group of the first line in which this is found; waits for it. */
  String await(String pattern) {
    Pattern wanted = Pattern.compile(pattern);
    List<String> found = new ArrayList<>();
    Await.until(
        name + " says " + pattern + "; so far it said\n" + output(),
        () -> {
          lines().stream()
              .map(wanted::matcher)
              .filter(Matcher::find)
              .findFirst()
              .ifPresent(match -> found.add(match.groupCount() > 0 ? match.group(1) : ""));
          // What it said last may still be on its way.
          if (found.isEmpty() && !reader.isAlive()) {
            throw new AssertionError(name + " has ended: " + output());
          }
          return !found.isEmpty();
        });
    return found.get(0);
  }

  /** Waits for its end. */
  int exitStatus() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " goes on: " + output());
    }
    reader.join(END.toMillis());
    return process.exitValue();
  }

  boolean running() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM. Not by {@link Process#destroy}, which does not listen to what follows. */
  void terminate() {
    process.toHandle().destroy();
  }

  @Override
  public void close() {
    terminate();
    try {
      if (!process.waitFor(END.toMillis(), TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** What curl prints. */
  static String curl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "200"));
    command.addAll(List.of(arguments));
    return new String(run(command), StandardCharsets.UTF_8);
  }

  /** Runs a program to its end and gives what it printed on standard output. */
  static byte[] run(List<String> command) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("errors", ".txt");
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      int status = process.waitFor();
      if (status != 0) {
        throw new AssertionError(
            String.join(" ", command) + " ended with " + status + ": " + Files.readString(errors));
      }
      return output;
    } finally {
      Files.delete(errors);
    }
  }
}
