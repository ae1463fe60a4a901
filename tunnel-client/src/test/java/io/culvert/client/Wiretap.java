package io.culvert.client;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.ProtocolException;
import io.culvert.testkit.RecordingListener;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Dials real WebSockets and copies every binary message of them, both ways. Thread-safe. It can
 * keep messages with a certain first frame from leaving, and all from arriving, and refuse to dial.
 */
final class Wiretap implements WebSocketDialer {
  private final List<Tap> taps = new CopyOnWriteArrayList<>();
  private final BlockingQueue<byte[]> stolen = new LinkedBlockingQueue<>();
  private volatile Class<? extends Frame> steals;
  private volatile boolean deaf;
  private volatile boolean down;

  /** From now on a message that begins with such a frame does not leave; null: all leave. */
  void steal(Class<? extends Frame> type) {
    steals = type;
  }

  /** The next message that was kept from leaving. */
  byte[] stolen() throws InterruptedException {
    byte[] message = stolen.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("nothing was sent that is to be stolen");
    }
    return message;
  }

  /** Whether what comes is kept from arriving. */
  void deaf(boolean on) {
    deaf = on;
  }

  /** Whether dials fail. */
  void down(boolean on) {
    down = on;
  }

  /** Drops the newest WebSocket. */
  void cut() {
    newest().socket.abort();
  }

  Tap newest() {
    return taps.get(taps.size() - 1);
  }

  /** All WebSockets so far, in the order of the dials. */
  List<Tap> taps() {
    return taps;
  }

  /** The highest number of a SEQ packet that the dialer has sent. */
  long lastOfDialer() {
    return highest(Tap::sent);
  }

  /** The highest number of a SEQ packet that has come from the acceptor. */
  long lastOfAcceptor() {
    return highest(Tap::received);
  }

  private long highest(Function<Tap, List<byte[]>> messages) {
    return taps.stream()
        .flatMap(tap -> messages.apply(tap).stream())
        .mapToLong(message -> packet(message).seq())
        .max()
        .orElse(0);
  }

  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    if (down) {
      throw new ConnectException("the network is down");
    }
    Tap tap = new Tap(listener);
    return new JavaWebSocketDialer().dial(request, tap);
  }

  /** The first frame of a packet. */
  static Frame first(byte[] message) {
    return packet(message).frames().get(0);
  }

  static Packet packet(byte[] message) {
    try {
      return FrameReader.read(ByteBuffer.wrap(message.clone()));
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] copy(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    return bytes;
  }

  /** One WebSocket, with all that went over it. */
  final class Tap implements WebSocketListener, WebSocket {
    private final WebSocketListener listener;
    private final List<byte[]> sent = new CopyOnWriteArrayList<>();
    private final List<byte[]> received = new CopyOnWriteArrayList<>();
    private volatile WebSocket socket;
    private volatile boolean closed;

    Tap(WebSocketListener listener) {
      this.listener = listener;
    }

    List<byte[]> sent() {
      return sent;
    }

    List<byte[]> received() {
      return received;
    }

    boolean closed() {
      return closed;
    }

    /** The first message that was sent with such a first frame. */
    byte[] sent(Class<? extends Frame> type) {
      return find(sent, type);
    }

    byte[] received(Class<? extends Frame> type) {
      return find(received, type);
    }

    private byte[] find(List<byte[]> messages, Class<? extends Frame> type) {
      return messages.stream()
          .filter(message -> type.isInstance(first(message)))
          .findFirst()
          .orElseThrow(() -> new AssertionError("there was no " + type.getSimpleName()));
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      socket = webSocket;
      taps.add(this);
      listener.onOpen(this);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      received.add(copy(message));
      if (!deaf) {
        listener.onBinary(message);
      }
    }

    @Override
    public void onText(ByteBuffer message) {
      listener.onText(message);
    }

    @Override
    public void onClose(int code, String reason) {
      closed = true;
      listener.onClose(code, reason);
    }

    @Override
    public void send(ByteBuffer message, Completion completion) {
      byte[] bytes = copy(message);
      sent.add(bytes);
      if (steals != null && steals.isInstance(first(bytes))) {
        stolen.add(bytes);
        completion.written(null);
      } else {
        socket.send(message, completion);
      }
    }

    @Override
    public void sendText(ByteBuffer message, Completion completion) {
      socket.sendText(message, completion);
    }

    @Override
    public void ping(ByteBuffer data) {
      socket.ping(data);
    }

    @Override
    public void pause() {
      socket.pause();
    }

    @Override
    public void resume() {
      socket.resume();
    }

    @Override
    public void close(int code, String reason) {
      socket.close(code, reason);
    }

    @Override
    public void abort() {
      socket.abort();
    }

    @Override
    public String subprotocol() {
      return socket.subprotocol();
    }

    @Override
    public SocketAddress remoteAddress() {
      return socket.remoteAddress();
    }

    @Override
    public SocketAddress localAddress() {
      return socket.localAddress();
    }

    @Override
    public boolean secure() {
      return socket.secure();
    }

    @Override
    public Object underlying() {
      return socket.underlying();
    }
  }
}
