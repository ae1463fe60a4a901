package io.culvert.chaos;

import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Direction;
import io.culvert.testkit.FaultProxy.Fault;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The ways in which the network breaks, or nearly does. */
enum Cut {
  /** FIN to both sides. */
  CLEAN_CUT(Group.CLEAN) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(Fault.CUT);
    }
  },
  /** RST to both sides. */
  RESET(Group.CLEAN) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(Fault.RESET);
    }
  },
  /** FIN to one side. */
  HALF_CLOSE(Group.CLEAN) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.halfClose(direction(random));
    }
  },
  /** FIN to one side, somewhere inside a WebSocket message. */
  TRUNCATE(Group.CLEAN) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.truncate(direction(random), 1 + random.nextInt(100_000));
    }
  },
  /** A cut, and the next socket ends inside the upgrade, the resume or what follows. */
  CUT_HANDSHAKE(Group.HANDSHAKE) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.truncateNext(direction(random), random.nextInt(700));
      proxy.inject(Fault.CUT);
    }
  },
  /** A cut, and the next socket goes nowhere. */
  BLACK_HOLE_HANDSHAKE(Group.HANDSHAKE) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) throws InterruptedException {
      proxy.injectIntoNew(Fault.BLACK_HOLE);
      proxy.inject(Fault.CUT);
      Thread.sleep(NEW_SOCKET_LOST_MILLIS);
      proxy.injectIntoNew(Fault.NONE);
    }
  },
  /** Everything is lost. */
  BLACK_HOLE(Group.SILENT) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(Fault.BLACK_HOLE);
    }
  },
  /** Everything in one direction is lost. */
  HALF_BLACK_HOLE(Group.SILENT) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(direction(random), Fault.BLACK_HOLE);
    }
  },
  /** Nothing is read any more. */
  STOP_READING(Group.SILENT) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(Fault.STOP_READING);
    }
  },
  /** The client asks for another socket. */
  MIGRATE(Group.MOVE) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {}
  },
  /** Nothing is read for a moment. */
  STALL(Group.HARMLESS) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.inject(Fault.STOP_READING);
    }
  },
  /** Every byte takes its time. */
  DELAY(Group.HARMLESS) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.delay(Duration.ofMillis(1 + random.nextInt(50)));
    }
  },
  /** Few bytes pass. */
  THROTTLE(Group.HARMLESS) {
    @Override
    void inject(FaultProxy proxy, RandomGenerator random) {
      proxy.throttle(direction(random), 500_000);
    }
  };

  /** How a break is noticed. */
  enum Group {
    /** At once, by the end of the socket. */
    CLEAN,
    /** At once, and then the next socket breaks too. */
    HANDSHAKE,
    /** By the heartbeat. */
    SILENT,
    /** It is no break: the new socket comes first. */
    MOVE,
    /** Not at all. */
    HARMLESS
  }

  private static final int NEW_SOCKET_LOST_MILLIS = 300;

  final Group group;

  Cut(Group group) {
    this.group = group;
  }

  /** Does it to the connections there are. */
  abstract void inject(FaultProxy proxy, RandomGenerator random) throws InterruptedException;

  /** Lifts whatever can be lifted: what a broken socket kept back arrives late. */
  static void lift(FaultProxy proxy) {
    proxy.inject(Fault.NONE);
    proxy.delay(Duration.ZERO);
    for (Direction direction : Direction.values()) {
      proxy.throttle(direction, 0);
    }
  }

  private static Direction direction(RandomGenerator random) {
    return random.nextBoolean() ? Direction.TO_TARGET : Direction.TO_DIALER;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Those that a side which dials can bear. */
  static Set<Cut> of(Role dialing) {
    Set<Cut> cuts = EnumSet.allOf(Cut.class);
    if (dialing == Role.AGENT) {
      cuts.remove(MIGRATE);
    }
    return cuts;
  }
}
