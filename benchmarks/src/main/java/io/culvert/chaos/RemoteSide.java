package io.culvert.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A side in a process of its own, which {@link SideProcess} runs: commands go to its standard
 * input, one a line, and answers and events come from its standard output. It ends with its
 * standard input, so not later than this process. Thread-safe.
 */
final class RemoteSide implements Side {
  private static final int ANSWER_SECONDS = 60;

  private final Process process;
  private final PrintWriter commands;

  /** Bounded by what one answer has. */
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  private final Listener listener;

  /** No more answers come. */
  private volatile boolean over;

  private RemoteSide(Process process, Listener listener) {
    this.process = process;
    this.listener = listener;
    commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /**
   * Starts a process with this side.
   *
   * @param heap its heap in MiB
   * @param port to dial, if it does
   */
  static RemoteSide start(
      Role role, Amounts amounts, long seed, int heap, int port, Listener listener)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx" + heap + "m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel="
                + System.getProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn"),
            "-cp",
            System.getProperty("java.class.path"),
            SideProcess.class.getName());
    builder.command().addAll(SideProcess.arguments(role, amounts, seed, port));
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    RemoteSide side = new RemoteSide(process, listener);
    Thread reader = new Thread(side::read, "chaos-side-reader");
    reader.setDaemon(true);
    reader.start();
    return side;
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals(SideProcess.DETACHED)) {
          listener.detached();
        } else if (line.equals(SideProcess.RESUMED)) {
          listener.resumed();
        } else if (line.startsWith(SideProcess.ENDED)) {
          listener.ended(line.substring(SideProcess.ENDED.length()));
        } else {
          answers.add(line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    }
    over = true;
    listener.ended("its process has ended");
    answers.add(SideProcess.END_OF_ANSWER);
  }

  private synchronized List<String> ask(String command) throws IOException {
    commands.println(command);
    List<String> answer = new ArrayList<>();
    try {
      while (true) {
        String line = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (line == null || over) {
          throw new IOException("no answer to: " + command);
        }
        if (line.equals(SideProcess.END_OF_ANSWER)) {
          return answer;
        }
        answer.add(line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Where the server listens. */
  int port() throws IOException {
    return Integer.parseInt(ask(SideProcess.PORT).get(0));
  }

  @Override
  public void go() throws IOException {
    ask(SideProcess.GO);
  }

  @Override
  public Report report() throws IOException {
    return Report.parse(ask(SideProcess.REPORT));
  }

  @Override
  public Sample sample() throws IOException {
    return Sample.parse(ask(SideProcess.SAMPLE).get(0));
  }

  @Override
  public void migrate() throws IOException {
    ask(SideProcess.MIGRATE);
  }

  @Override
  public String threads() throws IOException {
    return String.join("\n", ask(SideProcess.THREADS));
  }

  @Override
  public void close() {
    commands.close();
    try {
      if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
