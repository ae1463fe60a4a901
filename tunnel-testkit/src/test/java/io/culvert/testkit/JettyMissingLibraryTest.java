package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;
import io.culvert.websocket.jetty.JettyMount;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Without Jetty's WebSocket on the class path the adapters say which artifact to add. */
class JettyMissingLibraryTest {
  private static final String GROUP = "org.eclipse.jetty.websocket:";

  /** Loads this project's classes anew, and has none of a library. */
  private static final class Without extends ClassLoader {
    private final String hidden;

    Without(String hidden) {
      super(JettyMissingLibraryTest.class.getClassLoader());
      this.hidden = hidden;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(hidden)) {
        throw new ClassNotFoundException(name);
      }
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      return name.startsWith("io.culvert.") ? define(name) : super.loadClass(name, resolve);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  static final class Dials implements Runnable {
    @Override
    public void run() {
      new JettyDialer();
    }
  }

  static final class Accepts implements Runnable {
    @Override
    public void run() {
      WebSocketAcceptorFactory factory = JettyAcceptor::new;
      factory
          .acceptor(
              new ListenRequest(
                  new InetSocketAddress("localhost", 0),
                  new WebSocketAcceptor.Limits(1, Duration.ofSeconds(1)),
                  null,
                  "unused"))
          .close();
    }
  }

  static final class Mounts implements Runnable {
    @Override
    public void run() {
      new JettyMount("/tunnel");
    }
  }

  private static Runnable without(String hidden, Class<? extends Runnable> what) throws Exception {
    var constructor =
        Class.forName(what.getName(), true, new Without(hidden)).getDeclaredConstructor();
    constructor.setAccessible(true); // for Java it is another package, by its class loader
    return (Runnable) constructor.newInstance();
  }

  private static void assertNames(String artifact, Class<? extends Runnable> what)
      throws Exception {
    Runnable user = without("org.eclipse.jetty.websocket.", what);
    RuntimeException e = assertThrows(RuntimeException.class, user::run);
    assertEquals(MissingLibraryException.class.getName(), e.getClass().getName());
    assertTrue(e.getMessage().contains(" " + GROUP + artifact + ":"), e::toString);
    without("nothing.", what).run();
  }

  @Test
  void theDialerNamesTheClient() throws Exception {
    assertNames("jetty-websocket-core-client", Dials.class);
  }

  @Test
  void theAcceptorNamesTheServer() throws Exception {
    assertNames("jetty-websocket-core-server", Accepts.class);
  }

  @Test
  void theMountNamesTheServer() throws Exception {
    assertNames("jetty-websocket-core-server", Mounts.class);
  }
}
