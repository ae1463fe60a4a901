package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.RawServer;
import io.culvert.testkit.RawUpgrade;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One WebSocket of a peer that behaves like the Go library swaggersocket on gorilla/websocket:
 *
 * <ul>
 *   <li>Every message is a text message, whatever its bytes, in frames of at most 1024 bytes when
 *       this peer accepted and 4096 when it dialed. It offers and takes no subprotocol and no
 *       extension.
 *   <li>Everything that comes is looked at only while a thread is in one of the methods that read,
 *       or while it {@link #serve serves}: until then pings are not answered and an end is not
 *       seen. One thread at a time may read.
 *   <li>It answers no close frame. Its own has no code, and the TCP connection is closed right
 *       after it.
 *   <li>Requests are answered one after the other; a request that comes during another is one of
 *       {@link #problems}.
 * </ul>
 *
 * <p>Methods that write may be called by any thread; one message is written at a time. Waiting ends
 * after 30 s with an {@link AssertionError}, except while serving. Whoever got a peer closes it.
 * All text is wire text, see the package.
 */
public final class SwaggerPeer implements AutoCloseable {
  /** gorilla's write buffer when it dials, without the frame header. */
  public static final int DIALER_FRAME_BYTES = 4096;

  /** The write buffer of the Go library's server. */
  public static final int ACCEPTOR_FRAME_BYTES = 1024;

  /** What {@link #dial} says first, when there is no metadata. */
  public static final String METADATA = "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":null}\n";

  /** What the dialer says last in the handshake. */
  public static final String ACK = "{\"Type\":\"ClientHandshakeAckFrame\"}\n";

  private static final String KEY = "c3dhZ2dlcnNvY2tldCEhIQ==";
  private static final Pattern TYPE = Pattern.compile("(?i)\"type\"\\s*:\\s*\"([^\"]*)\"");
  private static final Pattern ID = Pattern.compile("(?i)\"connectionid\"\\s*:\\s*\"([^\"]*)\"");

  /** What to do with a request; the response is finished when this returns. */
  @FunctionalInterface
  public interface Handler {
    void handle(ReceivedRequest request, GoResponse response)
        throws IOException, InterruptedException;
  }

  private final Socket socket;
  private final Frames frames;
  private final PeerReader reader;
  private final int frameBytes;
  private final String upgrade;

  /** Held while a message is written: its frames are not mixed with those of another. */
  private final Object message = new Object();

  /** Guarded by this; null until it serves. */
  private PeerServer server;

  private SwaggerPeer(Socket socket, boolean dialed, String upgrade) throws IOException {
    this.socket = socket;
    this.upgrade = upgrade;
    frameBytes = dialed ? DIALER_FRAME_BYTES : ACCEPTOR_FRAME_BYTES;
    frames = new Frames(socket, dialed);
    reader = new PeerReader(socket, frames);
  }

  // Connecting.

  /**
   * Dials and upgrades; the handshake is the caller's.
   *
   * @param headers further header lines of the upgrade
   * @throws IOException if the answer is not a 101 that accepts this key and nothing else; says
   *     what it was
   */
  public static SwaggerPeer dial(URI uri, String... headers) throws IOException {
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
      String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + uri.getRawAuthority()
              + "\r\nUser-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
              + KEY
              + "\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
              + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
              + "\r\n";
      socket.getOutputStream().write(WireText.bytes(request));
      String answer = RawServer.readHead(socket.getInputStream());
      checkUpgraded(answer);
      return new SwaggerPeer(socket, true, answer);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static void checkUpgraded(String answer) throws IOException {
    boolean accepts =
        answer.startsWith("HTTP/1.1 101 ")
            && answer.contains(": " + RawUpgrade.acceptKey(KEY) + "\r\n")
            && !answer.matches("(?is).*\r\nSec-WebSocket-(Extensions|Protocol):.*");
    if (!accepts) {
      throw new IOException("the upgrade was answered with " + WireText.escape(answer));
    }
  }

  /** Listens on a free port of loopback; the caller closes it. */
  public static SwaggerListener listen() throws IOException {
    return new SwaggerListener();
  }

  static SwaggerPeer accepted(Socket socket, String request) throws IOException {
    socket.setTcpNoDelay(true);
    socket.getOutputStream().write(WireText.bytes(RawUpgrade.answer(request)));
    return new SwaggerPeer(socket, false, request);
  }

  /** The head of the upgrade as the other side sent it. */
  public String upgrade() {
    return upgrade;
  }

  // The handshake. To play another one: send() and read().

  /**
   * The dialer's part.
   *
   * @param metadata JSON as Go encodes it, {@code null} if there is none
   * @return the connection id
   */
  public String handshake(String metadata) throws IOException {
    send("{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":" + metadata + "}\n");
    String answer = read().content();
    demand("ServerHandshakeConnectionID", answer, "handshake error");
    send(ACK);
    Matcher id = ID.matcher(answer);
    return id.find() ? id.group(1) : "";
  }

  /**
   * The acceptor's part.
   *
   * @return the dialer's first message, exactly
   */
  public String acceptHandshake(String id) throws IOException {
    String metadata = read().content();
    demand("ClientHandshakeMetaData", metadata, "handshake protocol error during getting metadata");
    send("{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"" + id + "\"}\n");
    demand("ClientHandshakeAckFrame", read().content(), "handshake protocol error during ack");
    return metadata;
  }

  private static void demand(String type, String json, String error) throws IOException {
    Matcher found = TYPE.matcher(json);
    if (!found.find() || !found.group(1).equals(type)) {
      throw new IOException(error + ": " + WireText.escape(json));
    }
  }

  // Messages and frames.

  /** Sends a text message, in as many frames as it takes. */
  public void send(String content) throws IOException {
    byte[] bytes = WireText.bytes(content);
    synchronized (message) {
      int at = 0;
      do {
        int length = Math.min(frameBytes, bytes.length - at);
        boolean last = at + length == bytes.length;
        int opcode = at == 0 ? Frames.TEXT : Frames.CONTINUATION;
        frames.write(last ? Frames.FIN | opcode : opcode, bytes, at, length);
        at += length;
      } while (at < bytes.length);
    }
  }

  /**
   * Sends one frame, legal or not.
   *
   * @param firstByte FIN, reserved bits and opcode (RFC 6455 section 5.2)
   */
  public void sendFrame(int firstByte, String payload) throws IOException {
    frames.write(firstByte, WireText.bytes(payload));
  }

  /** Writes to the socket. */
  public void sendRaw(String bytes) throws IOException {
    frames.writeRaw(WireText.bytes(bytes));
  }

  /**
   * Waits for a message.
   *
   * @throws java.io.EOFException if the other side ended the connection; {@link #closeCode} then
   */
  public SwaggerMessage read() throws IOException {
    return reader.next();
  }

  // Calling.

  /** Sends a request and reads its response to the end. */
  public SwaggerResponse roundTrip(String request) throws IOException {
    SwaggerResponse response = call(request);
    response.readBody();
    return response;
  }

  /** Sends a request and reads the head of its response; the body is read as the caller does. */
  public SwaggerResponse call(String request) throws IOException {
    send(request);
    return readResponse(request.startsWith("HEAD "));
  }

  /** Reads the head of a response. */
  public SwaggerResponse readResponse(boolean toHead) throws IOException {
    return SwaggerResponse.read(new MessageStream(reader::next), toHead);
  }

  // Serving.

  /** Serves the other side's requests from now on, on threads of its own. */
  public synchronized void serve(Handler handler) {
    if (server != null) {
      throw new IllegalStateException("it serves already");
    }
    server = new PeerServer(reader, this::send, handler);
    server.start();
  }

  /** What the other side and the handler did wrong while this peer served. */
  public synchronized List<Throwable> problems() {
    return server == null ? List.of() : server.problems();
  }

  // Control frames.

  /** Sends a ping, with at most 125 bytes of application data. */
  public void ping(String data) throws IOException {
    frames.write(Frames.FIN | Frames.PING, WireText.bytes(data));
  }

  /** Waits for a pong, and gives its application data. */
  public String awaitPong() throws IOException {
    return reader.nextPong();
  }

  /** Waits for the next ping of the other side, and gives its application data. */
  public String awaitPing() throws IOException {
    return reader.nextPing();
  }

  /** How many pongs have been read and not been taken by {@link #awaitPong}. */
  int waitingPongs() {
    return reader.waitingPongs();
  }

  /** Whether bytes have arrived that nobody has read. */
  boolean hasUnread() {
    try {
      return socket.getInputStream().available() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether pings are answered with pongs; they are unless this says otherwise. */
  public void answerPings(boolean answer) {
    reader.answerPings(answer);
  }

  // Faults and ends.

  /** Reads nothing from now on, whatever other threads call; {@link #readOn} ends it. */
  public void stopReading() {
    reader.pause(true);
  }

  public void readOn() {
    reader.pause(false);
  }

  /** Whether this peer knows that the connection has ended, by either side. */
  public boolean ended() {
    return reader.end().isDone();
  }

  /**
   * Waits until the other side ends the connection; a message before that is a failure.
   *
   * @return the code of its close frame, 1005 for none in the frame, 1006 for no frame
   */
  public int closeCode() throws IOException {
    return reader.awaitEnd();
  }

  /** Ends the TCP connection in order, without a close frame. */
  public void cut() throws IOException {
    socket.close();
    reader.wake();
  }

  /** Resets the TCP connection. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    cut();
  }

  /**
   * Ends as the Go library does: an empty close frame, and TCP is closed at once. As there, what
   * came and was not read turns that into a reset, which can overtake the close frame. Ends the
   * threads, too. Idempotent.
   */
  @Override
  public void close() throws IOException {
    try {
      frames.write(Frames.FIN | Frames.CLOSE, new byte[0]);
    } catch (IOException e) {
      // It has ended before.
    }
    cut();
    PeerServer ending;
    synchronized (this) {
      ending = server;
    }
    if (ending != null) {
      try {
        ending.end();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
