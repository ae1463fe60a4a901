package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.swaggersocket.PeerLink.Established;
import io.culvert.testkit.swaggersocket.SwaggerSide.Connected;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Scripted peers as the sides of {@link SwaggerScenarios}. */
public final class PeerSides {
  private PeerSides() {}

  /** A listening peer that accepts whoever dials. */
  public static SwaggerSide.Accepting accepting() throws IOException {
    return new Acceptor();
  }

  /** Peers that dial. */
  public static SwaggerSide.Dialing dialing() {
    return new Dialer();
  }

  private static final class Acceptor implements SwaggerSide.Accepting {
    private final SwaggerListener listener = SwaggerPeer.listen();
    private final Thread thread = new Thread(this::accept, "culvert-swagger-peer-accept");
    private final Map<String, PeerLink> links = new ConcurrentHashMap<>();
    private final BlockingQueue<PeerLink> arrivals = new LinkedBlockingQueue<>();

    /** Ended and open ones, to be closed in the end. Only the accepting thread adds. */
    private final BlockingQueue<PeerLink> all = new LinkedBlockingQueue<>();

    private volatile boolean closed;

    Acceptor() throws IOException {
      thread.setDaemon(true);
      thread.start();
    }

    private void accept() {
      while (!closed) {
        try {
          SwaggerPeer peer = listener.accept();
          try {
            establish(peer);
          } catch (IOException e) {
            peer.close(); // the dialer broke off its handshake
          }
        } catch (IOException e) {
          // The dialer broke off its upgrade, or this is closed.
        }
      }
    }

    private void establish(SwaggerPeer peer) throws IOException {
      String id = UUID.randomUUID().toString();
      peer.acceptHandshake(id);
      PeerLink link =
          new PeerLink(
              new Established(peer, id),
              broken -> {
                links.remove(id);
                return null;
              });
      all.add(link);
      links.put(id, link);
      arrivals.add(link);
    }

    @Override
    public InetSocketAddress address() {
      return listener.address();
    }

    @Override
    public Connected next() throws InterruptedException {
      Connected next = arrivals.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no connection came");
      }
      return next;
    }

    @Override
    public boolean knows(String id) {
      PeerLink link = links.get(id);
      return link != null && !link.closed();
    }

    @Override
    public void close() throws IOException {
      closed = true;
      listener.close();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      for (PeerLink link : all) {
        link.close();
      }
    }
  }

  private static final class Dialer implements SwaggerSide.Dialing {
    /** For the thread of the test only. */
    private final List<PeerLink> links = new ArrayList<>();

    @Override
    public Connected dial(InetSocketAddress address) throws IOException {
      PeerLink link = new PeerLink(establish(address), broken -> again(address, broken));
      links.add(link);
      return link;
    }

    private static Established establish(InetSocketAddress address) throws IOException {
      SwaggerPeer peer = SwaggerPeer.dial(URI.create("ws://127.0.0.1:" + address.getPort() + "/"));
      try {
        return new Established(peer, peer.handshake("null"));
      } catch (IOException e) {
        peer.close();
        throw e;
      }
    }

    private static Established again(InetSocketAddress address, PeerLink broken)
        throws InterruptedException {
      while (broken.pause()) {
        try {
          return establish(address);
        } catch (IOException e) {
          // Not there yet.
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      for (PeerLink link : links) {
        link.close();
      }
    }
  }
}
