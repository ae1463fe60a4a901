package io.culvert.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A terminal with a person in front of it. Thread-safe. */
interface Terminal {

  /** Its width and height. */
  record Size(int columns, int rows) {
    /** What a terminal has that does not say. */
    static final Size USUAL = new Size(80, 24);
  }

  /** Asks for a line that is not shown; null if the person ends the input instead. */
  char[] readSecret(String prompt);

  /** How large it is now. */
  Size size();

  /** Writes to it. */
  PrintWriter writer();

  /** The terminal of this process; empty unless both its input and its output are one. */
  @SuppressWarnings("SystemConsoleNull") // Where it never is, isTerminal tells.
  static Optional<Terminal> ofProcess() {
    Console console = System.console();
    return console != null && isTerminal(console)
        ? Optional.of(new OfProcess(console))
        : Optional.empty();
  }

  /** From 22 on there is a console even if there is no terminal, and a method that tells. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** {@link #ofProcess}. */
  record OfProcess(Console console) implements Terminal {
    private static final long STTY_SECONDS = 2;

    @Override
    public char[] readSecret(String prompt) {
      return console.readPassword("%s", prompt);
    }

    /** The JDK cannot tell, and stty is wherever there is a terminal that can be asked. */
    @Override
    public Size size() {
      try {
        Process stty =
            new ProcessBuilder("stty", "size")
                .redirectInput(Path.of("/dev/tty").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
          if (!stty.waitFor(STTY_SECONDS, TimeUnit.SECONDS)) {
            return Size.USUAL;
          }
          String answer =
              new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
          return parse(answer.strip());
        } finally {
          stty.destroy();
        }
      } catch (IOException e) {
        return Size.USUAL;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Size.USUAL;
      }
    }

    @Override
    public PrintWriter writer() {
      return console.writer();
    }

    private static Size parse(String rowsAndColumns) {
      if (!rowsAndColumns.matches("[1-9][0-9]{0,4} [1-9][0-9]{0,4}")) {
        return Size.USUAL;
      }
      int space = rowsAndColumns.indexOf(' ');
      return new Size(
          Integer.parseInt(rowsAndColumns, space + 1, rowsAndColumns.length(), 10),
          Integer.parseInt(rowsAndColumns, 0, space, 10));
    }
  }
}
