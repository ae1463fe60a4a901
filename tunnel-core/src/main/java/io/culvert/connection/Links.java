package io.culvert.connection;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.ProtocolException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections of one acceptor that a dialer can resume, by their ids. Thread-safe.
 *
 * <p>Who may resume: whoever was let in by the upgrade as the same principal and proves the secret.
 * All others get the answer that an id gets that never was.
 */
public final class Links {
  private record Entry(EngineConnection connection, String principal) {}

  private final int maxOfPrincipal;
  private final int maxOfAll;
  private final Map<String, Entry> byId = new ConcurrentHashMap<>();

  /** Guarded by itself: those without a WebSocket, of each principal the longest first. */
  private final Map<String, Set<EngineConnection>> detached = new HashMap<>();

  /** Guarded by detached: the same of all principals, with the principal of each. */
  private final Map<EngineConnection, String> all = new LinkedHashMap<>();

  /**
   * How many connections may be without a WebSocket; of more, the one ends that has been so for the
   * longest time.
   *
   * @param maxOfPrincipal of one principal
   * @param maxOfAll of all together
   */
  public Links(int maxOfPrincipal, int maxOfAll) {
    if (maxOfPrincipal < 1 || maxOfAll < 1) {
      throw new IllegalArgumentException(
          "limits of detached connections must be positive, but are "
              + maxOfPrincipal
              + " and "
              + maxOfAll);
    }
    this.maxOfPrincipal = maxOfPrincipal;
    this.maxOfAll = maxOfAll;
  }

  /** How many connections are without a WebSocket. */
  public int detached() {
    synchronized (detached) {
      return all.size();
    }
  }

  /** How many connections can be resumed, whether they have a WebSocket or not. */
  int size() {
    return byId.size();
  }

  /** What a new WebSocket calls: its first message says which connection it is for. */
  WebSocketListener reception(EngineConnection fresh, String principal) {
    return new Reception(fresh, principal);
  }

  // Of connections, with their lock held: nothing here takes another connection's.

  void add(String id, EngineConnection connection, String principal) {
    byId.put(id, new Entry(connection, principal));
  }

  void remove(String id, EngineConnection connection, String principal) {
    byId.remove(id);
    attached(connection, principal);
  }

  /**
   * Returns the connection that has to go for this one; null if none has to. It counts no more, so
   * that the next one to come does not name it again while it is about to end.
   */
  EngineConnection detached(EngineConnection connection, String principal) {
    synchronized (detached) {
      Set<EngineConnection> of = detached.computeIfAbsent(principal, p -> new LinkedHashSet<>());
      of.add(connection);
      all.put(connection, principal);
      EngineConnection tooMany = null;
      if (of.size() > maxOfPrincipal) {
        tooMany = of.iterator().next();
      } else if (all.size() > maxOfAll) {
        tooMany = all.keySet().iterator().next();
      }
      if (tooMany != null) {
        attached(tooMany, all.get(tooMany));
      }
      return tooMany;
    }
  }

  void attached(EngineConnection connection, String principal) {
    synchronized (detached) {
      all.remove(connection);
      Set<EngineConnection> of = detached.get(principal);
      if (of != null && of.remove(connection) && of.isEmpty()) {
        detached.remove(principal);
      }
    }
  }

  /** Hands a WebSocket to the connection that it resumes, or else to the new one. */
  private final class Reception implements WebSocketListener {
    private final EngineConnection fresh;
    private final String principal;

    // The reader thread's own.
    private WebSocketListener target;
    private WebSocket socket;
    private boolean decided;

    Reception(EngineConnection fresh, String principal) {
      this.fresh = fresh;
      this.principal = principal;
      this.target = fresh.driver().nextSocket();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      socket = webSocket;
      target.onOpen(webSocket);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      if (!decided) {
        decided = true;
        WebSocketListener resumed = resumed(message);
        if (resumed != null) {
          fresh.driver().abandon();
          target = resumed;
          return;
        }
      }
      target.onBinary(message);
    }

    /** Null if the message resumes nothing. */
    private WebSocketListener resumed(ByteBuffer message) {
      Frame.Resume frame = resumeIn(message);
      if (frame == null) {
        return null;
      }
      Entry entry = byId.get(HexFormat.of().formatHex(frame.connectionId()));
      return entry == null || !entry.principal().equals(principal)
          ? null
          : entry.connection().driver().resume(socket, frame);
    }

    private static Frame.Resume resumeIn(ByteBuffer message) {
      try {
        Packet packet = FrameReader.read(message.duplicate());
        return packet.frames().size() == 1 && packet.frames().get(0) instanceof Frame.Resume resume
            ? resume
            : null;
      } catch (ProtocolException e) {
        return null; // the new connection says what is wrong with it
      }
    }

    @Override
    public void onText(ByteBuffer message) {
      decided = true;
      target.onText(message);
    }

    @Override
    public void onClose(int code, String reason) {
      target.onClose(code, reason);
    }
  }
}
