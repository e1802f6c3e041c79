from creator_kit.cli import main

if __name__ == "__main__":
    main()
