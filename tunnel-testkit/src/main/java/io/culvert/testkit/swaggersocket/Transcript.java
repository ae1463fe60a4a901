package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What two sides of a connection say, in order, from a text file. Immutable.
 *
 * <pre>
 * # A comment.
 * peer both                      (which part a scripted peer may take: left, right or both)
 * -&gt; http                        (the left side says)
 * | GET /simple/ HTTP/1.1\r\n    (content: these lines joined, with \r \n \t \\ \xNN)
 * | \r\n
 * &lt;- text                        (the right side says)
 * | ...
 * </pre>
 *
 * In a handshake the left side is the dialer, in an exchange it is the caller. A scripted peer says
 * every content exactly as it is written, with a value in place of each {@link TranscriptVariables
 * variable}. How it compares what the other side says depends on the {@link Kind}.
 */
public final class Transcript {
  /** All transcripts, by name. */
  public static final List<String> NAMES =
      List.of(
          "handshake",
          "handshake-metadata",
          "simple-get",
          "chunked",
          "post-length",
          "post-chunked",
          "binary",
          "head",
          "no-content",
          "trailers",
          "empty-messages",
          "ping",
          "close",
          "cut");

  /** The sides of the file. */
  public enum Part {
    LEFT,
    RIGHT
  }

  /** What is said, and how exactly it is compared when the other side says it. */
  public enum Kind {
    /** A message. Compared exactly, but for variables; text and binary messages are alike. */
    TEXT,

    /**
     * A message that begins with an HTTP head. The start line is compared exactly, and so is a body
     * without chunks; a chunked one like {@link #CHUNK}. Every header line of the file must be
     * there, in any order, with its value exactly and its name in any case, and no other line of
     * the same name. Other headers may be there, but no Content-Length and no Transfer-Encoding.
     */
    HTTP,

    /**
     * A message of whole chunks of a body. The chunks are compared exactly, but for the case of
     * their sizes, and the CRLF that ends the last one may as well be the beginning of the next
     * message: that is how Jetty writes it.
     */
    CHUNK,

    /** A ping; its application data is compared exactly. */
    PING,

    /** A pong; compared exactly. A scripted peer says it by itself, while it reads. */
    PONG,

    /** A close frame and the end of TCP. That there is one is compared, not its code. */
    CLOSE,

    /** The end of TCP without a close frame. */
    CUT
  }

  /** One thing that is said; the content is wire text with variables. */
  public record Step(Part speaker, Kind kind, String content) {}

  private final String name;
  private final List<Part> scripted;
  private final List<Step> steps;

  private Transcript(String name, List<Part> scripted, List<Step> steps) {
    this.name = name;
    this.scripted = scripted;
    this.steps = List.copyOf(steps);
  }

  /** One of {@link #NAMES}. */
  public static Transcript load(String name) {
    String resource = "transcripts/" + name + ".txt";
    try (InputStream in = Transcript.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource);
      }
      return parse(name, new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(resource, e);
    }
  }

  /**
   * Reads one from text.
   *
   * @throws IllegalArgumentException if it is malformed; names the line
   */
  public static Transcript parse(String name, String text) {
    Parser parser = new Parser(name);
    text.lines().forEach(parser::line);
    return parser.finish();
  }

  public String name() {
    return name;
  }

  /** Whether a scripted peer can take this part, the product the other. */
  public boolean canPlay(Part part) {
    return scripted.contains(part);
  }

  public List<Step> steps() {
    return steps;
  }

  /**
   * Says what this part says, and compares what the other side says, on the calling thread. The
   * peer must be in the state that the transcript begins with: a handshake after the upgrade, all
   * others after the handshake.
   *
   * @throws AssertionError if the other side says anything else; names the step
   */
  public void play(SwaggerPeer peer, Part part) throws IOException {
    TranscriptPlayer player = new TranscriptPlayer(peer);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      try {
        if (step.speaker() == part) {
          player.say(step);
        } else {
          player.check(step);
        }
      } catch (AssertionError | IOException e) {
        String where = "%s, step %d of %d: ".formatted(name, i + 1, steps.size());
        throw new AssertionError(where + e.getMessage(), e);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Parser {
    private final String name;
    private final List<Step> steps = new ArrayList<>();
    private List<Part> scripted = List.of();
    private Part speaker;
    private Kind kind;
    private StringBuilder content;

    Parser(String name) {
      this.name = name;
    }

    void line(String line) {
      try {
        if (line.startsWith("-> ") || line.startsWith("<- ")) {
          endStep();
          speaker = line.startsWith("-") ? Part.LEFT : Part.RIGHT;
          kind = Kind.valueOf(line.substring(3).strip().toUpperCase(Locale.ROOT));
          content = new StringBuilder();
        } else if (line.startsWith("| ")) {
          content.append(WireText.unescape(line.substring(2)));
        } else if (line.startsWith("peer ")) {
          scripted = parts(line.substring(5).strip());
        } else if (!line.isBlank() && !line.startsWith("#")) {
          throw new IllegalArgumentException("no such line");
        }
      } catch (RuntimeException e) {
        throw new IllegalArgumentException(name + ": " + line, e);
      }
    }

    private static List<Part> parts(String who) {
      return who.equals("both")
          ? List.of(Part.values())
          : List.of(Part.valueOf(who.toUpperCase(Locale.ROOT)));
    }

    private void endStep() {
      if (content != null) {
        steps.add(new Step(speaker, kind, content.toString()));
      }
    }

    Transcript finish() {
      endStep();
      if (scripted.isEmpty() || steps.isEmpty()) {
        throw new IllegalArgumentException(name + ": it says nothing, or not who may");
      }
      return new Transcript(name, scripted, steps);
    }
  }
}
